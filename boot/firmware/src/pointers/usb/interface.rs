// SPDX-License-Identifier: MIT OR Apache-2.0
//! A HID interface that no driver of firmware manages: what it is, and what it is asked for.

use crate::services::{Claim, check};
use alloc::vec;
use alloc::vec::Vec;
use core::ptr::{self, NonNull};
use hid_pointer::{DESCRIPTOR_MAX, Device, report_descriptor_length};
use uefi::{Handle, Status};
use uefi_raw::protocol::usb::io::UsbIoProtocol;
use uefi_raw::protocol::usb::{
    ConfigDescriptor, DataDirection, DeviceRequest, EndpointDescriptor, InterfaceDescriptor,
    UsbTransferStatus,
};

/// Milliseconds that a request may take.
const REQUEST_MS: u32 = 200;
/// The longest configuration descriptor that is read, in bytes.
const CONFIGURATION_MAX: u16 = 4096;
/// The interface class of HID, and within it the subclass and the protocol of mice (HID 1.11, 4.1 to 4.3).
const HID: u8 = 3;
const BOOT: u8 = 1;
const MOUSE: u8 = 2;

/// Request types and requests (USB 2.0, table 9-2 to 9-4; HID 1.11, 7.1 and 7.2).
const FROM_DEVICE: u8 = 0x80;
const FROM_INTERFACE: u8 = 0x81;
const TO_ENDPOINT: u8 = 0x02;
const TO_CLASS_INTERFACE: u8 = 0x21;
const CLEAR_FEATURE: u8 = 1;
const GET_DESCRIPTOR: u8 = 6;
const SET_IDLE: u8 = 0x0A;
const SET_PROTOCOL: u8 = 0x0B;
/// Descriptor types, in the upper half of a request's value.
const CONFIGURATION: u16 = 0x0200;
const REPORT: u16 = 0x2200;
/// The protocols that `SET_PROTOCOL` chooses between (HID 1.11, 7.2.6).
const BOOT_PROTOCOL: u16 = 0;
const REPORT_PROTOCOL: u16 = 1;

/// An interface that is ours.
pub(super) struct Interface {
    claim: Claim,
    descriptor: InterfaceDescriptor,
}

impl Interface {
    /// Takes the interface of a handle if it is one of HID, and no driver has it.
    pub(super) fn take(handle: Handle) -> Option<Self> {
        let claim = Claim::new(handle, &UsbIoProtocol::GUID).ok()?;
        let mut descriptor = InterfaceDescriptor {
            length: 0,
            descriptor_type: 0,
            interface_number: 0,
            alternate_setting: 0,
            num_endpoints: 0,
            interface_class: 0,
            interface_subclass: 0,
            interface_protocol: 0,
            interface: 0,
        };
        let io = claim.interface.cast::<UsbIoProtocol>();
        // SAFETY: the interface is claimed, so that firmware keeps it.
        let call = unsafe { io.as_ref() }.get_interface_descriptor;
        // SAFETY: UEFI 2.10, section 17.2.10: interface and descriptor are valid for the call.
        check(unsafe { call(io.as_ptr(), &mut descriptor) }).ok()?;
        (descriptor.interface_class == HID).then_some(Self { claim, descriptor })
    }

    pub(super) const fn io(&self) -> NonNull<UsbIoProtocol> {
        self.claim.interface.cast()
    }

    pub(super) fn calls(&self) -> &UsbIoProtocol {
        // SAFETY: the interface is claimed, so that firmware keeps it.
        unsafe { self.io().as_ref() }
    }

    fn number(&self) -> u16 {
        u16::from(self.descriptor.interface_number)
    }

    /// A request with data from the device, which fills `data`.
    fn get(&self, request_type: u8, value: u16, index: u16, data: &mut [u8]) -> Result<(), Status> {
        let length = u16::try_from(data.len()).map_err(|_| Status::BAD_BUFFER_SIZE)?;
        let request = DeviceRequest { request_type, request: GET_DESCRIPTOR, value, index, length };
        self.control(&request, DataDirection::DATA_IN, data)
    }

    /// A request without data.
    fn set(&self, request_type: u8, request: u8, value: u16, index: u16) -> Result<(), Status> {
        let request = DeviceRequest { request_type, request, value, index, length: 0 };
        self.control(&request, DataDirection::NO_DATA, &mut [])
    }

    fn control(
        &self,
        request: &DeviceRequest,
        direction: DataDirection,
        data: &mut [u8],
    ) -> Result<(), Status> {
        let call = self.calls().control_transfer;
        let bytes = if data.is_empty() { ptr::null_mut() } else { data.as_mut_ptr().cast() };
        let mut outcome = UsbTransferStatus::SUCCESS;
        // SAFETY: UEFI 2.10, section 17.2.2: request and outcome are valid for the call, the buffer is
        // as long as said, and the time is limited.
        check(unsafe {
            call(self.io().as_ptr(), request, direction, REQUEST_MS, bytes, data.len(), &mut outcome)
        })
    }

    /// The configuration descriptor with all that belongs to it.
    fn configuration(&self) -> Option<Vec<u8>> {
        let mut descriptor = ConfigDescriptor {
            length: 0,
            descriptor_type: 0,
            total_length: 0,
            num_interfaces: 0,
            configuration_value: 0,
            configuration: 0,
            attributes: 0,
            max_power: 0,
        };
        let call = self.calls().get_config_descriptor;
        // SAFETY: UEFI 2.10, section 17.2.9: interface and descriptor are valid for the call.
        check(unsafe { call(self.io().as_ptr(), &mut descriptor) }).ok()?;
        let mut bytes = vec![0; usize::from(descriptor.total_length.min(CONFIGURATION_MAX))];
        self.get(FROM_DEVICE, CONFIGURATION, 0, &mut bytes).ok()?;
        // Another configuration than the one in use describes other interfaces.
        (bytes.get(5) == Some(&descriptor.configuration_value)).then_some(bytes)
    }

    /// What its report descriptor says.
    fn described(&self) -> Option<Device> {
        let configuration = self.configuration()?;
        let length = report_descriptor_length(&configuration, self.descriptor.interface_number)?;
        let mut bytes = vec![0; usize::from(length).min(DESCRIPTOR_MAX)];
        self.get(FROM_INTERFACE, REPORT, self.number(), &mut bytes).ok()?;
        Device::parse(&bytes).ok()
    }

    /// How to read its reports, if it points; it is asked for reports of that kind, when something
    /// changes and not again and again.
    pub(super) fn prepare(&self) -> Option<Device> {
        let can_boot = self.descriptor.interface_subclass == BOOT;
        let is_mouse = can_boot && self.descriptor.interface_protocol == MOUSE;
        let (device, protocol) = match self.described() {
            Some(device) => (device, REPORT_PROTOCOL),
            None if is_mouse => (Device::boot_mouse(), BOOT_PROTOCOL),
            None => return None,
        };
        if can_boot {
            self.set(TO_CLASS_INTERFACE, SET_PROTOCOL, protocol, self.number()).ok()?;
        }
        // A device need not know this one.
        let _ = self.set(TO_CLASS_INTERFACE, SET_IDLE, 0, self.number());
        Some(device)
    }

    /// The endpoint that reports come from: an interrupt endpoint towards us (USB 2.0, 9.6.6).
    pub(super) fn endpoint(&self) -> Option<EndpointDescriptor> {
        let call = self.calls().get_endpoint_descriptor;
        let read = |index| {
            let mut endpoint = EndpointDescriptor {
                length: 0,
                descriptor_type: 0,
                endpoint_address: 0,
                attributes: 0,
                max_packet_size: 0,
                interval: 0,
            };
            // SAFETY: UEFI 2.10, section 17.2.11: interface and descriptor are valid for the call.
            check(unsafe { call(self.io().as_ptr(), index, &mut endpoint) }).ok()?;
            Some(endpoint)
        };
        let reports = |endpoint: &EndpointDescriptor| {
            endpoint.attributes & 3 == 3 && endpoint.endpoint_address & 0x80 != 0
        };
        (0..self.descriptor.num_endpoints).filter_map(read).find(reports)
    }

    /// Has an endpoint go on that stopped after an error (USB 2.0, 9.4.1; feature 0 is the halt).
    pub(super) fn clear_halt(&self, endpoint: u8) -> Result<(), Status> {
        self.set(TO_ENDPOINT, CLEAR_FEATURE, 0, u16::from(endpoint))
    }
}
